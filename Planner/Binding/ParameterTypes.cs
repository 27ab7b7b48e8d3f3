using VecSql.Core.Errors;
using VecSql.Core.Types;

namespace VecSql.Planner.Binding;

/// <summary>The types of $1 …: as declared, or as the place where one is first used wants it.</summary>
internal sealed class ParameterTypes
{
    private readonly List<uint> _types;
    private readonly List<int> _positions = [];

    public ParameterTypes(IReadOnlyList<uint> declared)
    {
        _types = [.. declared.Select(t => t == TypeOid.Unknown ? TypeOid.Invalid : t)];
        foreach (uint _ in declared) _positions.Add(-1);
    }

    /// <summary>False where parameters can't be meant (views, defaults): 42P02.</summary>
    public bool AreAllowed { get; init; } = true;

    public IReadOnlyList<SqlType> Types => [.. _types.Select(t => new SqlType(t))];

    /// <summary>The type of the parameter (from 0); Unknown if it isn't determined yet.</summary>
    public SqlType Use(int index, int position)
    {
        if (!AreAllowed || index is < 0 or >= 65535) throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${index + 1}", position);
        while (_types.Count <= index)
        {
            _types.Add(TypeOid.Invalid);
            _positions.Add(-1);
        }
        if (_positions[index] < 0) _positions[index] = position;
        return _types[index] == TypeOid.Invalid ? SqlType.Unknown : new SqlType(_types[index]);
    }

    /// <summary>Determines the type of a parameter that was Unknown when it was met.</summary>
    public void Determine(int index, uint type, int position, TypeCatalog types)
    {
        if (_types[index] == TypeOid.Invalid) _types[index] = type;
        else if (_types[index] != type)
            throw new SqlException(SqlState.AmbiguousParameter, $"inconsistent types deduced for parameter ${index + 1}", position, $"{types.Format(_types[index])} versus {types.Format(type)}");
    }

    public void CheckResolved()
    {
        for (int i = 0; i < _types.Count; i++)
            if (_types[i] == TypeOid.Invalid)
                throw new SqlException(SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${i + 1}", _positions[i]);
    }
}
