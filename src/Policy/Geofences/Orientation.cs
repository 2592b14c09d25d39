namespace FleetTracker.Geofences;

/// <summary>
/// On which side of a line a point lies, exactly, after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
/// Predicates" (1997): the plain determinant where its rounding cannot change the sign, the exact sum of its products otherwise.
/// </summary>
internal static class Orientation
{
    private const double Epsilon = 1.1102230246251565e-16;
    public const double RoundingOfPlain = (3 + (16 * Epsilon)) * Epsilon;

    /// <summary>1: the point lies left of the line from a to b, -1: right of it, 0: on it.</summary>
    public static int Sign(double ax, double ay, double bx, double by, double x, double y)
    {
        var left = (ax - x) * (by - y);
        var right = (ay - y) * (bx - x);
        var plain = left - right;
        // Of different signs, or one of them zero: the subtraction rounds, but cannot change the sign.
        if ((left > 0) != (right > 0) || left == 0 || right == 0) return Math.Sign(plain);
        return Math.Abs(plain) >= RoundingOfPlain * Math.Abs(left + right) ? Math.Sign(plain) : Exact(ax, ay, bx, by, x, y);
    }

    private static int Exact(double ax, double ay, double bx, double by, double x, double y)
    {
        Span<double> sum = stackalloc double[12];
        var count = 0;
        Add(sum, ref count, ax, by);
        Add(sum, ref count, -ax, y);
        Add(sum, ref count, -x, by);
        Add(sum, ref count, -ay, bx);
        Add(sum, ref count, ay, x);
        Add(sum, ref count, y, bx);
        // The parts do not overlap and grow: the last one that is not zero is larger than all others together.
        for (var i = count - 1; i >= 0; i--)
            if (sum[i] != 0) return Math.Sign(sum[i]);
        return 0;
    }

    private static void Add(Span<double> sum, ref int count, double a, double b)
    {
        var product = a * b;
        Add(sum, ref count, Math.FusedMultiplyAdd(a, b, -product));
        Add(sum, ref count, product);
    }

    private static void Add(Span<double> sum, ref int count, double term)
    {
        for (var i = 0; i < count; i++)
        {
            var total = sum[i] + term;
            var part = total - sum[i];
            sum[i] = sum[i] - (total - part) + (term - part);
            term = total;
        }

        sum[count++] = term;
    }
}
