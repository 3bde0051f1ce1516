namespace Slaps.Core.Plans;

/// <summary>
/// The fields of an object that this version does not know, as one canonical JSON object, so that what somebody else wrote survives being
/// read and written. It may be nested: an unknown field of a known inner object stands in an object of that name.
/// </summary>
/// <param name="Json">The canonical text of an object, or null when there are none.</param>
public readonly record struct UnknownFields(string? Json)
{
    /// <summary>There are none.</summary>
    public static UnknownFields None => default;
}
