using System.Xml;
using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Problems;

namespace FleetTracker.Vehicles;

/// <summary>
/// Tracks of KML 2.2 with Google's extension, which has all times before all places. So positions gather: at most <see cref="MostInTrack"/>, after
/// which the line goes on as another track that begins where the one before ended.
/// </summary>
internal sealed class PositionKml(string vehicleName) : XmlFormat<Fix>
{
    internal const int MostInTrack = 1_000;

    private const string Kml = "http://www.opengis.net/kml/2.2";
    private const string Gx = "http://www.google.com/kml/ext/2.2";

    private readonly List<Fix> _track = new(MostInTrack);
    private TrackBreaks _breaks;

    public override string ContentType => "application/vnd.google-earth.kml+xml";

    public override string Extension => "kml";

    protected override void Begin(XmlWriter xml)
    {
        xml.WriteStartElement("kml", Kml);
        xml.WriteAttributeString("xmlns", "gx", null, Gx);
        xml.WriteStartElement("Document", Kml);
        xml.WriteElementString("name", Kml, Clean(vehicleName));
        xml.WriteStartElement("Placemark", Kml);
        xml.WriteElementString("name", Kml, Clean(vehicleName));
        xml.WriteStartElement("MultiTrack", Gx);
    }

    protected override void Write(XmlWriter xml, Fix item)
    {
        if (item is not { Latitude: not null, Longitude: not null }) return;
        if (_breaks.IsBreakBefore(item))
        {
            WriteTrack(xml);
        }
        else if (_track.Count == MostInTrack)
        {
            var last = _track[^1];
            WriteTrack(xml);
            _track.Add(last);
        }

        _track.Add(item);
    }

    protected override void End(XmlWriter xml) => WriteTrack(xml);

    private void WriteTrack(XmlWriter xml)
    {
        if (_track.Count == 0) return;
        xml.WriteStartElement("Track", Gx);
        foreach (var fix in _track) xml.WriteElementString("when", Kml, Rfc3339.Write(fix.FixedAt));
        foreach (var fix in _track)
            xml.WriteElementString("coord", Gx, $"{Decimal(fix.Longitude!.Value)} {Decimal(fix.Latitude!.Value)} {Decimal(fix.AltitudeMeters ?? 0)}");
        xml.WriteEndElement();
        _track.Clear();
    }
}
