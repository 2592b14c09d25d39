using System.Text.Json;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>The record of who changed what, written in the transaction of the change.</summary>
internal static class AuditLog
{
    public static Task WriteAsync(Session session, Database database, string tenant, DateTimeOffset at, string who, string what, params IEnumerable<AuditLine> lines) =>
        session.ExecuteAsync(
            $"""
            INSERT INTO audit (id, tenant, at, who, what, subject, before, after)
            SELECT r.id, @Tenant, @At, @Who, @What, r.subject, r.before, r.after
            FROM {database.Rows("r", "Rows", "id text", "subject text", "before text", "after text")}
            """,
            new
            {
                Tenant = tenant, At = at.ToUnixMicroseconds(), Who = who, What = what,
                Rows = JsonSerializer.Serialize(lines.Select(line => new
                {
                    // Of lines of the same moment, the later made is the later read.
                    id = Guid.CreateVersion7(at).ToString("N"), subject = line.Subject, before = line.Before, after = line.After,
                })),
            });

    public static async Task<IReadOnlyList<AuditEntry>> ReadAsync(Session session, string tenant, (DateTimeOffset At, string Id)? before, int limit)
    {
        var rows = await session.QueryAsync<Row>(
            $"""
            SELECT id AS Id, at AS At, who AS Who, what AS What, subject AS Subject, before AS Before, after AS After
            FROM audit WHERE tenant = @Tenant {(before is null ? "" : "AND (at, id) < (@At, @Id)")}
            ORDER BY at DESC, id DESC LIMIT @Limit
            """,
            new { Tenant = tenant, At = before?.At.ToUnixMicroseconds(), before?.Id, Limit = limit });
        return rows.ConvertAll(row => new AuditEntry(
            row.Id, Instants.FromUnixMicroseconds(row.At), row.Who, row.What, row.Subject, row.Before, row.After));
    }

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public long At { get; set; }

        public string Who { get; set; } = "";

        public string What { get; set; } = "";

        public string Subject { get; set; } = "";

        public string? Before { get; set; }

        public string? After { get; set; }
    }
}

internal readonly record struct AuditLine(string Subject, string? Before, string? After);
