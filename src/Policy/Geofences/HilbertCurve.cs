namespace FleetTracker.Geofences;

/// <summary>The curve that fills a square so that what is near on it is near in the square.</summary>
internal static class HilbertCurve
{
    public static ulong At(uint x, uint y)
    {
        ulong at = 0;
        for (var bit = 31; bit >= 0; bit--)
        {
            var (right, up) = ((x >> bit) & 1, (y >> bit) & 1);
            at = (at << 2) | ((3 * right) ^ up);
            if (up != 0) continue;
            // The quarters at the ends of the curve are turned.
            if (right != 0) (x, y) = (~x, ~y);
            (x, y) = (y, x);
        }

        return at;
    }
}
