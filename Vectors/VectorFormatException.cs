namespace VecSql.Vectors;

/// <summary>Bytes that claim to be a graph and aren't, or are damaged. Storage reports it as a corrupt index and rebuilds.</summary>
public sealed class VectorFormatException(string message) : Exception(message);
