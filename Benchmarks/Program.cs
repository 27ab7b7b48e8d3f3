using System.CommandLine;
using VecSql.Benchmarks.Oltp;
using VecSql.Benchmarks.Tpch;
using VecSql.Benchmarks.Vectors;
using VecSql.Benchmarks.Vectors.Peers;
using VecSql.Benchmarks.Vectors.Wire;

RootCommand root = new("VecSql's benchmarks. Each prints its tables as Markdown.") { VectorsInProcess.Command(), ListsInProcess.Command(), VectorsBesidePeers.Command(), VectorsOnWire.Command(), VectorInserts.Command(), VectorChurn.Command(), OltpBenchmark.Command(), TpchBenchmark.Command() };
return await root.Parse(args).InvokeAsync();
