namespace FleetTracker.Exports;

/// <summary>An answer that is written while it is read. What fails after its beginning cuts the connection, which no client can take for the end.</summary>
internal abstract class StreamedResult(string contentType) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = contentType;
        SetHeaders(httpContext.Response);
        try
        {
            await WriteAsync(httpContext.Response, httpContext.RequestAborted);
        }
        catch (Exception) when (httpContext.Response.HasStarted)
        {
            httpContext.Abort();
            throw;
        }
    }

    protected virtual void SetHeaders(HttpResponse response)
    {
    }

    protected abstract Task WriteAsync(HttpResponse response, CancellationToken cancellationToken);
}
