using VecSql.Core.Catalog;

namespace VecSql.Storage.Databases;

/// <summary>What readers see that begin now: swapped as a whole at each commit.</summary>
internal sealed record CommittedState(long Position, CatalogSnapshot Catalog);
