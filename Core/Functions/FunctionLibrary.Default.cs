namespace VecSql.Core.Functions;

public sealed partial class FunctionLibrary
{
    private static FunctionLibrary CreateDefault()
    {
        FunctionLibrary library = new();
        IntegerFunctions.Register(library);
        return library;
    }
}
