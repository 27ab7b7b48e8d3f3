namespace VecSql.Tests.Servers;

/// <summary>Finds the checkout that the tests run from.</summary>
internal static class Repository
{
    /// <summary>A path inside the repository.</summary>
    public static string Path(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "VecSql.sln"))) return System.IO.Path.Combine(folder.FullName, relative);
        throw new InvalidOperationException("not inside the repository");
    }
}
