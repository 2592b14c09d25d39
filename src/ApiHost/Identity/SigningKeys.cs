using System.Buffers.Text;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace FleetTracker.Identity;

/// <summary>
/// The ES256 keys of the installation, from the identity store. All stored keys verify; which one signs is decided by age alone, so hosts
/// that add a key at the same moment agree as soon as they have read both. The first key is made when the first token is needed.
/// </summary>
internal sealed partial class SigningKeys(IIdentityStore store, IOptions<AuthOptions> options, TimeProvider time, ILogger<SigningKeys> logger) : IDisposable
{
    // How stale the list may be for signing, and how often a token with an unknown key may make us read it.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile KeyRing _ring = KeyRing.Empty;

    /// <summary>What is known now, for verification.</summary>
    public KeyRing Known => _ring;

    public async ValueTask<ECDsaSecurityKey> GetSigningKeyAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_ring.Keys.Length == 0 || now - _ring.ReadAt >= Freshness) await ReadAsync(now - Freshness, cancellationToken);
        return KeyRing.Choose(_ring.Keys, now, options.Value).Key;
    }

    /// <summary>Makes sure that a key id can be looked up in <see cref="Known"/> if it exists.</summary>
    public async ValueTask EnsureReadAsync(string? keyId, CancellationToken cancellationToken)
    {
        var ring = _ring;
        if (keyId is not null && ring.ById.ContainsKey(keyId)) return;
        var now = time.GetUtcNow();
        if (ring.Keys.Length > 0 && now - ring.ReadAt < UnknownKeyPause) return;
        await ReadAsync(now - UnknownKeyPause, cancellationToken);
    }

    /// <summary>Reads the list, unless somebody read it after <paramref name="notBefore"/>; adds and removes keys that age asks for.</summary>
    private async Task ReadAsync(DateTimeOffset notBefore, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_ring.Keys.Length > 0 && _ring.ReadAt > notBefore) return;

            var now = time.GetUtcNow();
            var stored = await store.ListSigningKeysAsync(cancellationToken);
            if (stored.Count == 0 || now - stored[^1].CreatedAt >= options.Value.KeyRotation)
            {
                await store.AddSigningKeyAsync(NewKey(now), cancellationToken);
                LogAdded();
                stored = await store.ListSigningKeysAsync(cancellationToken);
            }

            Replace(stored, now);

            // The successor has signed for an overlap, so the last token of an older key has long expired, however late the rotation came.
            var signing = KeyRing.Choose(_ring.Keys, now, options.Value);
            if (signing == _ring.Keys[0] || now - signing.CreatedAt < 2 * options.Value.KeyOverlap) return;
            await store.DeleteSigningKeysAsync(signing.CreatedAt, cancellationToken);
            _ring = new KeyRing([.. _ring.Keys.Where(key => key.CreatedAt >= signing.CreatedAt)], now);
        }
        finally
        {
            _reading.Release();
        }
    }

    // Keys that stay keep their objects: a request under way may be verifying with one.
    private void Replace(IReadOnlyList<StoredSigningKey> stored, DateTimeOffset now)
    {
        var before = _ring.ById;
        _ring = new KeyRing([.. stored.Select(key => before.TryGetValue(key.Id, out var known) ? known : SigningKey.From(key))], now);
    }

    private static StoredSigningKey NewKey(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new StoredSigningKey
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)),
            PrivateKey = [.. key.ExportPkcs8PrivateKey()],
            CreatedAt = now,
        };
    }

    public void Dispose() => _reading.Dispose();

    [LoggerMessage(2521, LogLevel.Information, "A new key for access tokens was added")]
    private partial void LogAdded();
}

/// <summary>One key, ready to sign and verify.</summary>
internal sealed record SigningKey(string Id, ECDsaSecurityKey Key, DateTimeOffset CreatedAt)
{
    public static SigningKey From(StoredSigningKey stored)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(stored.PrivateKey.AsSpan(), out _);
        return new SigningKey(stored.Id, new ECDsaSecurityKey(key) { KeyId = stored.Id }, stored.CreatedAt);
    }
}

/// <summary>The stored keys at one moment, oldest first.</summary>
internal sealed class KeyRing(ImmutableArray<SigningKey> keys, DateTimeOffset readAt)
{
    public static readonly KeyRing Empty = new([], DateTimeOffset.MinValue);

    public ImmutableArray<SigningKey> Keys { get; } = keys;

    public DateTimeOffset ReadAt { get; } = readAt;

    public FrozenDictionary<string, SigningKey> ById { get; } = keys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal);

    /// <summary>The newest key that has been published long enough; at the very beginning the oldest one.</summary>
    public static SigningKey Choose(ImmutableArray<SigningKey> keys, DateTimeOffset now, AuthOptions options)
    {
        for (var i = keys.Length - 1; i > 0; i--)
        {
            if (now - keys[i].CreatedAt >= options.KeyOverlap) return keys[i];
        }

        return keys[0];
    }
}
