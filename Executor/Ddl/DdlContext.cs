using VecSql.Core.Catalog;
using VecSql.Core.Environment;
using VecSql.Core.Errors;
using VecSql.Core.Types;
using VecSql.Parser.Ast;
using VecSql.Planner;
using VecSql.Storage.Contracts;

namespace VecSql.Executor.Ddl;

/// <summary>What a catalog-changing statement works with. One per statement; the transaction's statement has begun.</summary>
public sealed class DdlContext
{
    public required ITransaction Transaction { get; init; }
    public required IDatabaseStore Store { get; init; }
    public required IInstanceStore Instance { get; init; }
    public required IQueryPlanner Planner { get; init; }

    /// <summary>Planning by the catalog as it is now, this statement's changes included.</summary>
    public required Func<PlanningContext> Planning { get; init; }
    /// <summary>Contexts for evaluation by the catalog as it is now.</summary>
    public required Func<EvalContext> Evaluation { get; init; }
    public EvalContext Eval => Evaluation();
    public required ExecutionOptions Execution { get; init; }
    public required Action<Notice> Notice { get; init; }
    public required string CurrentUser { get; init; }

    /// <summary>True for a table that an open cursor of this session reads.</summary>
    public required Func<uint, bool> IsInUse { get; init; }

    /// <summary>The session's temporary schema, made if there is none yet.</summary>
    public required Func<uint> TemporarySchema { get; init; }

    /// <summary>The verifier that is kept of a password (SCRAM): the password itself never is.</summary>
    public required Func<string, string> PasswordVerifier { get; init; }

    public CatalogSnapshot Catalog => Transaction.Catalog;

    /// <summary>The current role's number: who owns what is made.</summary>
    public uint CurrentRole => Catalog.Shared.FindRole(CurrentUser)?.Oid ?? WellKnownOid.BootstrapRole;

    /// <summary>The same, with a schema first in the search path.</summary>
    public DdlContext InSchema(string schema) => new()
    {
        Transaction = Transaction, Store = Store, Instance = Instance, Planner = Planner, Evaluation = Evaluation, Execution = Execution, Notice = Notice, CurrentUser = CurrentUser, IsInUse = IsInUse,
        TemporarySchema = TemporarySchema, PasswordVerifier = PasswordVerifier,
        Planning = () => Planning() is var planning && Catalog.FindSchema(schema) is { } first ? planning with { SearchPath = [first.Oid, .. planning.SearchPath.Where(s => s != first.Oid)] } : Planning(),
    };

    public string SchemaName(uint schema) => Catalog.Find<SchemaObject>(schema)?.Name ?? throw new InvariantException($"schema {schema} doesn't exist");

    public SqlType ResolveType(TypeName name) => Planner.ResolveType(name, Planning());

    /// <summary>Tells of something that was left alone (IF EXISTS, IF NOT EXISTS).</summary>
    public void Skip(string sqlState, string message) => Notice(new Notice("NOTICE", sqlState, message));
}
