using System.IO.Pipelines;
using System.Net.Security;

namespace VecSql.Wire.Connections;

/// <summary>The bytes of a connection, in the clear or, after <see cref="UpgradeAsync"/>, through TLS.</summary>
internal sealed class Transport(IDuplexPipe raw) : IAsyncDisposable
{
    private SslStream? _tls;

    public PipeReader Input { get; private set; } = raw.Input;
    public PipeWriter Output { get; private set; } = raw.Output;
    public bool IsEncrypted => _tls is not null;

    /// <summary>The application protocol that the client named in its TLS handshake; empty if none.</summary>
    public SslApplicationProtocol NegotiatedProtocol => _tls?.NegotiatedApplicationProtocol ?? default;

    /// <summary>Shakes hands; all further bytes are encrypted.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The client wants no TLS that we speak.</exception>
    public async Task UpgradeAsync(SslServerAuthenticationOptions options, CancellationToken stop)
    {
        SslStream tls = new(new DuplexStream(raw.Input.AsStream(leaveOpen: true), raw.Output.AsStream(leaveOpen: true)));
        _tls = tls;
        await tls.AuthenticateAsServerAsync(options, stop);
        // Zero-byte reads: a connection that waits holds no buffer.
        Input = PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
        {
            await Input.CompleteAsync();
            if (Output != raw.Output) await Output.CompleteAsync();
            await _tls.DisposeAsync();
        }
        await raw.Output.CompleteAsync();
        await raw.Input.CompleteAsync();
    }

    /// <summary>One stream out of a reading and a writing one.</summary>
    private sealed class DuplexStream(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            input.ReadAsync(buffer, offset, count, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            output.WriteAsync(buffer, offset, count, cancellationToken);

        public override void Flush() => output.Flush();
        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
