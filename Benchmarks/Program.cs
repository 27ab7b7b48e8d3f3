using VecSql.Benchmarks;

switch (args)
{
    case ["vectors", .. string[] rest]:
        return VectorSearch.Run(rest);
    default:
        Console.Error.WriteLine("usage: benchmarks vectors --base FILE --queries FILE --truth FILE --dims N --metric l2|ip|cosine|l1 [options]");
        return 2;
}
