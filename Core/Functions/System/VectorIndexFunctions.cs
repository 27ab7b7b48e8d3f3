using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>Functions of the schema vecsql that ask vector indexes.</summary>
internal static class VectorIndexFunctions
{
    private const int MaxNeighbours = 1000, MaxSample = 100_000;

    public static void Register(FunctionLibrary library) => library.Strict("vecsql_measure_recall", static (in a, r, c) =>
    {
        uint index = a.Get<uint>(0);
        int k = Positive(a.Get<int>(1), "k", MaxNeighbours), sample = Positive(a.Get<int>(2), "sample", MaxSample);
        if (c.Catalog.Find<RelationObject>(index) is not { } relation) throw new SqlException(SqlState.UndefinedTable, $"could not open relation with OID {index}");
        if (relation is not IndexObject) throw new SqlException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not an index");
        Answers.Value(r, c.Session.Server.MeasureRecall(index, k, sample, c.Cancellation) is { } recall && !double.IsNaN(recall) ? recall : (double?)null);
    });

    private static int Positive(int value, string name, int most) => value >= 1 && value <= most
        ? value
        : throw new SqlException(SqlState.InvalidParameterValue, $"{name} must be between 1 and {most}");
}
