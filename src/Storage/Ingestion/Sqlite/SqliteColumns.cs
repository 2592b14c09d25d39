using System.Runtime.InteropServices;
using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>
/// The values of a statement's current row, asked of the engine without a safe handle, whose counter is half the cost of a value. Whoever asks keeps the
/// statement open.
/// </summary>
internal static unsafe partial class SqliteColumns
{
    private const string Engine = "e_sqlite3";

    // Each of them copies a few bytes and cannot call back.
    [LibraryImport(Engine, EntryPoint = "sqlite3_column_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial int Type(nint statement, int column);

    [LibraryImport(Engine, EntryPoint = "sqlite3_column_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial long Int64(nint statement, int column);

    [LibraryImport(Engine, EntryPoint = "sqlite3_column_double")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial double Double(nint statement, int column);

    [LibraryImport(Engine, EntryPoint = "sqlite3_column_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial byte* Blob(nint statement, int column);

    [LibraryImport(Engine, EntryPoint = "sqlite3_column_bytes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial int Bytes(nint statement, int column);

    [LibraryImport(Engine, EntryPoint = "sqlite3_step")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Step(nint statement);
}
