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
        MathFunctions.Register(library);
        StringFunctions.Register(library);
        ByteaFunctions.Register(library);
        BitFunctions.Register(library);
        QuoteFunctions.Register(library);
        LikeFunction.Register(library);
        RegexFunctions.Register(library);
        RegexArrayFunctions.Register(library);
        NumberFormatFunctions.Register(library);
        CatalogComparisons.Register(library);
        SizeFunctions.Register(library);
        TextEncodings.Register(library);
        TextOfAny.Register(library);
        SessionFunctions.Register(library);
        ValueInformation.Register(library);
        NumericFunctions.Register(library);
        VectorFunctions.Register(library);
        VectorArrayFunctions.Register(library);
        ArrayShapeFunctions.Register(library);
        ArrayElementFunctions.Register(library);
        ArrayTextFunctions.Register(library);
        ArrayTableFunctions.Register(library);
        ArrayAggregates.Register(library);
        RowFunctions.Register(library);
        NameFunctions.Register(library);
        JsonFunctions.Register(library);
        JsonbFunctions.Register(library);
        JsonbEditFunctions.Register(library);
        JsonBuildFunctions.Register(library);
        JsonTableFunctions.Register(library);
        JsonPopulate.Register(library);
        TypeInOutFunctions.Register(library);
        CountAggregate.Register(library);
        SumAggregates.Register(library);
        NumericAggregate.Register(library);
        FloatAggregates.Register(library);
        MinMaxAggregate.Register(library);
        StringAggregate.Register(library);
        BitStringAggregate.Register(library);
        OrderedSetAggregate.Register(library);
        WindowFunctions.Register(library);
        SeriesFunctions.Register(library);
        DefinitionFunctions.Register(library);
        VisibilityFunctions.Register(library);
        CommentFunctions.Register(library);
        RelationSizeFunctions.Register(library);
        PrivilegeFunctions.Register(library);
        AclFunctions.Register(library);
        ServerFunctions.Register(library);
        RelationFunctions.Register(library);
        return library;
    }
}
