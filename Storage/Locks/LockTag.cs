namespace VecSql.Storage.Locks;

internal enum LockKind : byte { Relation, Name, Object }

/// <summary>What a heavyweight lock is on: a relation, a name that DDL is about to take, or another catalog object.</summary>
internal readonly record struct LockTag(LockKind Kind, uint Oid, uint Class = 0, string? Name = null)
{
    public string Describe(uint database) => Kind switch
    {
        LockKind.Relation => $"relation {Oid} of database {database}",
        LockKind.Name => $"name \"{Name}\" of database {database}",
        _ => $"object {Oid} of class {Class} of database {database}",
    };
}

internal readonly record struct RowKey(uint Table, long RowId);
