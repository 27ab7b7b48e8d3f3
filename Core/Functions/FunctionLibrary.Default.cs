namespace VecSql.Core.Functions;

public sealed partial class FunctionLibrary
{
    private static FunctionLibrary CreateDefault()
    {
        FunctionLibrary library = new();
        IntegerFunctions.Register(library);
        FloatFunctions.Register(library);
        ComparisonFunctions.Register(library);
        CastFunctions.Register(library);
        TypeInOutFunctions.Register(library);
        return library;
    }
}
