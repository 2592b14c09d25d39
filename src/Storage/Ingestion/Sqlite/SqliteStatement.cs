using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>
/// A prepared statement without the boxing and the parameter look-ups of ADO.NET, for the few statements that run once per fix. Not safe for
/// two threads at once.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    // Valid for as long as the statement above, which lives until this is disposed of.
    private readonly nint _row;
    private byte[] _text = new byte[512];

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database, sql, out _statement));
        _row = _statement.DangerousGetHandle();
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, parameter, number) : raw.sqlite3_bind_null(_statement, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, double? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_double(_statement, parameter, number) : raw.sqlite3_bind_null(_statement, parameter));
        return this;
    }

    public SqliteStatement Bind(int parameter, bool? value)
    {
        Check(value is { } flag ? raw.sqlite3_bind_int(_statement, parameter, flag ? 1 : 0) : raw.sqlite3_bind_null(_statement, parameter));
        return this;
    }

    /// <exception cref="EncoderFallbackException">The text is no valid UTF-16.</exception>
    public SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, parameter));
            return this;
        }

        var most = Strict.GetMaxByteCount(value.Length);
        if (_text.Length < most) _text = new byte[most];
        var length = Strict.GetBytes(value, _text);
        Check(raw.sqlite3_bind_text(_statement, parameter, _text.AsSpan(0, length)));
        return this;
    }

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>Runs a statement without results; returns how many rows it changed.</summary>
    public int Run()
    {
        Step();
        Check(raw.sqlite3_reset(_statement));
        return raw.sqlite3_changes(_database);
    }

    /// <summary>The first column of the first row, or <c>null</c> without one.</summary>
    public long? RunScalar()
    {
        var found = Step();
        long? result = found ? raw.sqlite3_column_int64(_statement, 0) : null;
        while (found) found = Step();
        Check(raw.sqlite3_reset(_statement));
        return result;
    }

    /// <summary>Goes to the next row of a result; false after the last.</summary>
    public bool Next() => Step();

    public void Reset() => Check(raw.sqlite3_reset(_statement));

    public bool IsNull(int column) => SqliteColumns.Type(_row, column) == raw.SQLITE_NULL;

    public long Long(int column) => SqliteColumns.Int64(_row, column);

    public double? Double(int column)
    {
        // What is null reads as zero: only a zero must be asked which it is.
        var number = SqliteColumns.Double(_row, column);
        return number == 0 && IsNull(column) ? null : number;
    }

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>Valid until the next step; empty when null.</summary>
    public unsafe ReadOnlySpan<byte> Utf8(int column)
    {
        var bytes = SqliteColumns.Blob(_row, column);
        return bytes is null ? default : new ReadOnlySpan<byte>(bytes, SqliteColumns.Bytes(_row, column));
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var code = SqliteColumns.Step(_row);
        switch (code)
        {
            case raw.SQLITE_ROW: return true;
            case raw.SQLITE_DONE: return false;
            default:
                // The message belongs to the connection and is gone after the next call on it.
                var failure = Failure(code);
                raw.sqlite3_reset(_statement);
                throw failure;
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Failure(code);
    }

    private SqliteException Failure(int code) =>
        new($"SQLite error {code}: {raw.sqlite3_errmsg(_database).utf8_to_string()}", code, raw.sqlite3_extended_errcode(_database));
}
