namespace FleetTracker.Problems;

internal static class ProblemDocs
{
    /// <summary>Documents what any authorized request may be answered with.</summary>
    public static RouteGroupBuilder WithCommonProblems(this RouteGroupBuilder group)
    {
        foreach (var status in new[]
        {
            StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status422UnprocessableEntity,
            StatusCodes.Status503ServiceUnavailable,
        })
        {
            group.ProducesProblem(status);
        }

        return group;
    }
}
