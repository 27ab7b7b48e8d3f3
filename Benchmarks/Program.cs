using VecSql.Benchmarks;

switch (args)
{
    case ["vectors", .. string[] rest]:
        return VectorSearch.Run(rest);
    default:
        Console.Error.WriteLine("usage: benchmarks vectors --base FILE --queries FILE --truth FILE --dims N --metric l2|ip|cosine|l1");
        Console.Error.WriteLine("  [--m N] [--efc N] [--threads N] [--ef N,N,…] [--graph FILE] [--filters PERCENT,… [--filter-ef N]]");
        return 2;
}
