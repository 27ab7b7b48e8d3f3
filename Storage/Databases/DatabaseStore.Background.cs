namespace VecSql.Storage.Databases;

internal sealed partial class DatabaseStore
{
    private void StartBackgroundWork() { }
    private void StopBackgroundWork() { }
}
