global using VecSql.Core.Kernels;
