using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;

namespace VecSql.Core.Functions;

/// <summary>pg_prewarm of the extension of that name: reads a relation's files, so that what comes after finds them in memory. Blocks are 8 kB of its files, one after the other.</summary>
internal static class PrewarmFunction
{
    public static void Register(FunctionLibrary library) => library.Rowwise("pg_prewarm", static (in a, r, c) => Answers.Value(r, (long?)Run(a, c)));

    private static long Run(in RowArguments arguments, EvalContext context)
    {
        if (arguments.IsNull(0)) throw Invalid("relation cannot be null");
        if (arguments.IsNull(1)) throw Invalid("prewarm type cannot be null");
        string mode = Answers.String(arguments, 1);
        if (mode is not ("prefetch" or "read" or "buffer")) throw Invalid("invalid prewarm type", "Valid prewarm types are \"prefetch\", \"read\", and \"buffer\".");
        if (arguments.IsNull(2)) throw Invalid("relation fork cannot be null");
        string fork = Answers.String(arguments, 2);
        if (fork is not ("main" or "fsm" or "vm" or "init")) throw Invalid("invalid fork name", "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
        uint oid = arguments.Get<uint>(0);
        RelationObject relation = context.Catalog.Find<RelationObject>(oid) ?? throw new SqlException(SqlState.UndefinedObject, $"could not open relation with OID {oid}");
        if (relation.Kind is not (RelationKind.Table or RelationKind.MaterializedView or RelationKind.Index))
            throw new SqlException(SqlState.WrongObjectType, $"relation \"{relation.Name}\" does not have storage");
        if (fork != "main") throw Invalid($"fork \"{fork}\" does not exist for this relation");
        long blocks = (context.Session.Server.SizeOf(oid).Bytes + 8191) / 8192;
        long first = arguments.IsNull(3) ? 0 : arguments.Get<long>(3), last = arguments.IsNull(4) ? blocks - 1 : arguments.Get<long>(4);
        if (!arguments.IsNull(3) && (first < 0 || first >= blocks)) throw Invalid($"starting block number must be between 0 and {blocks - 1}");
        if (!arguments.IsNull(4) && (last < 0 || last >= blocks)) throw Invalid($"ending block number must be between 0 and {blocks - 1}");
        if (last < first) return 0;
        context.Session.Server.Prewarm(oid, first * 8192, (last - first + 1) * 8192, context.Cancellation);
        return last - first + 1;
    }

    private static SqlException Invalid(string message, string? hint = null) => new(SqlState.InvalidParameterValue, message, hint: hint);
}
