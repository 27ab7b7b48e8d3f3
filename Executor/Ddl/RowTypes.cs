using VecSql.Core.Catalog;

namespace VecSql.Executor.Ddl;

/// <summary>Each table, view and composite type has a row type of the same name, and an array of it.</summary>
internal static class RowTypes
{
    public static void Put(DdlContext context, TableObject table)
    {
        context.Transaction.Put(new TypeObject
        {
            Oid = table.RowTypeOid, Name = table.Name, Schema = table.Schema, Owner = table.Owner, Kind = 'c', RelationOid = table.Oid, ArrayTypeOid = table.RowArrayTypeOid,
        });
        PutArray(context, table.RowArrayTypeOid, table.RowTypeOid, table.Name, table.Schema, table.Owner);
    }

    /// <summary>The array type of a user's type: its name with an underscore in front, more of them where taken.</summary>
    public static void PutArray(DdlContext context, uint oid, uint element, string elementName, uint schema, uint owner)
    {
        string name = "_" + elementName;
        while (context.Catalog.FindType(schema, name) is { } taken && taken.Oid != oid) name = "_" + name;
        context.Transaction.Put(new TypeObject { Oid = oid, Name = name, Schema = schema, Owner = owner, Kind = 'b', ElementTypeOid = element });
    }
}
