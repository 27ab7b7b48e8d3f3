using System.CommandLine;
using VecSql.Benchmarks.Oltp;
using VecSql.Benchmarks.Tpch;
using VecSql.Benchmarks.Vectors;

RootCommand root = new("VecSql's benchmarks. Each prints its tables as Markdown.") { VectorsInProcess.Command(), VectorsOnWire.Command(), VectorInserts.Command(), VectorChurn.Command(), OltpBenchmark.Command(), TpchBenchmark.Command() };
return await root.Parse(args).InvokeAsync();
