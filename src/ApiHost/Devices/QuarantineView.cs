using System.Text;
using FleetTracker.Ingestion;

namespace FleetTracker.Devices;

/// <summary>A refused message, kept for the installer to see.</summary>
/// <param name="Reason">A stable word.</param>
/// <param name="Payload">As text when it is UTF-8, else in base64.</param>
/// <param name="Base64">True when <c>payload</c> is base64.</param>
/// <param name="Truncated">True when only the beginning was kept.</param>
/// <param name="Detail">One sentence: what is wrong and where.</param>
public sealed record QuarantineView(
    DateTimeOffset ReceivedAt,
    string DeviceId,
    string Topic,
    string Reason,
    string Payload,
    bool Base64,
    bool Truncated,
    string? Detail)
{
    // Throws instead of replacing, so that text that comes back is what was sent.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static QuarantineView Of(QuarantinedMessage message)
    {
        var text = TextOf(message.Payload.AsSpan(), message.Truncated);
        return new QuarantineView(
            message.ReceivedAt, message.DeviceId, message.Topic, message.Reason, text ?? Convert.ToBase64String(message.Payload.AsSpan()),
            text is null, message.Truncated, message.Detail);
    }

    private static string? TextOf(ReadOnlySpan<byte> payload, bool isTruncated)
    {
        // A cut may have gone through a character; at most three bytes of one are left.
        for (var cut = 0; cut <= (isTruncated ? 3 : 0) && cut <= payload.Length; cut++)
        {
            try
            {
                var text = Strict.GetString(payload[..^cut]);
                return text.Contains('\0', StringComparison.Ordinal) ? null : text;
            }
            catch (DecoderFallbackException)
            {
                // Not text up to here.
            }
        }

        return null;
    }
}
