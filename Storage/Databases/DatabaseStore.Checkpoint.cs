using VecSql.Storage.Tables;
using VecSql.Storage.Manifests;

namespace VecSql.Storage.Databases;

internal sealed partial class DatabaseStore
{
    public void Checkpoint(CancellationToken cancellation) { }
    private void StartBackgroundWork() { }
    private void StopBackgroundWork() { }
    private void Close() { }
    private void Retire(RowRange[] ranges) { }
    private void OpenSegments(TableStore store, TableManifest manifest, ReplayedRows? rows) { }
}
