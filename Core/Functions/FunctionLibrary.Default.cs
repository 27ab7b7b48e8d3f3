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
        VectorFunctions.Register(library);
        VectorArrayFunctions.Register(library);
        ArrayShapeFunctions.Register(library);
        ArrayElementFunctions.Register(library);
        ArrayTextFunctions.Register(library);
        ArrayTableFunctions.Register(library);
        ArrayAggregates.Register(library);
        TypeInOutFunctions.Register(library);
        return library;
    }
}
