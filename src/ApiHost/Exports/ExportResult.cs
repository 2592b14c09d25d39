using System.Buffers;

namespace FleetTracker.Exports;

/// <summary>Writes items as a file.</summary>
internal interface IExportFormat<in T> : IDisposable
{
    string ContentType { get; }

    /// <summary>Of the file name, without the dot.</summary>
    string Extension { get; }

    void Begin(IBufferWriter<byte> output);

    void Write(T item);

    void End();

    /// <summary>Hands over whatever is still held back.</summary>
    void Flush();
}

/// <summary>A file to be kept, written while it is read.</summary>
/// <param name="name">Its name without extension.</param>
internal sealed class ExportResult<T>(Chunks<T> chunks, IExportFormat<T> format, string name) : StreamedResult(format.ContentType)
    where T : class
{
    protected override void SetHeaders(HttpResponse response)
    {
        response.Headers.ContentDisposition = $"attachment; filename=\"{FileNames.Safe(name)}.{format.Extension}\"";
        response.Headers.CacheControl = "no-store";
    }

    protected override async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        using var writing = format;
        format.Begin(response.BodyWriter);
        await foreach (var chunk in chunks.ReadAllAsync(cancellationToken))
        {
            foreach (var item in chunk) format.Write(item);
            format.Flush();
            await response.BodyWriter.FlushAsync(cancellationToken);
        }

        format.End();
        format.Flush();
        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}
