using System.Xml;
using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Problems;

namespace FleetTracker.Vehicles;

/// <summary>A track of GPX 1.1, with speed and direction in the extension that devices and programs read.</summary>
internal sealed class PositionGpx(string vehicleName) : XmlFormat<Fix>
{
    private const string Gpx = "http://www.topografix.com/GPX/1/1";
    private const string TrackPoint = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2";

    private TrackBreaks _breaks;
    private bool _isInSegment;

    public override string ContentType => "application/gpx+xml";

    public override string Extension => "gpx";

    protected override void Begin(XmlWriter xml)
    {
        xml.WriteStartElement("gpx", Gpx);
        xml.WriteAttributeString("version", "1.1");
        xml.WriteAttributeString("creator", "FleetTracker");
        xml.WriteAttributeString("xmlns", "gpxtpx", null, TrackPoint);
        xml.WriteStartElement("trk", Gpx);
        xml.WriteElementString("name", Gpx, Clean(vehicleName));
    }

    protected override void Write(XmlWriter xml, Fix item)
    {
        if (item is not { Latitude: { } latitude, Longitude: { } longitude }) return;
        if (_breaks.IsBreakBefore(item))
        {
            if (_isInSegment) xml.WriteEndElement();
            xml.WriteStartElement("trkseg", Gpx);
            _isInSegment = true;
        }

        xml.WriteStartElement("trkpt", Gpx);
        xml.WriteAttributeString("lat", Decimal(latitude));
        xml.WriteAttributeString("lon", Decimal(longitude));
        if (item.AltitudeMeters is { } altitude) xml.WriteElementString("ele", Gpx, Decimal(altitude));
        xml.WriteElementString("time", Gpx, Rfc3339.Write(item.FixedAt));
        WriteMotion(xml, item);
        xml.WriteEndElement();
    }

    protected override void End(XmlWriter xml)
    {
        // The elements that are open end with the document.
    }

    private static void WriteMotion(XmlWriter xml, Fix item)
    {
        if (item is { SpeedMetersPerSecond: null, HeadingDegrees: null }) return;
        xml.WriteStartElement("extensions", Gpx);
        xml.WriteStartElement("TrackPointExtension", TrackPoint);
        if (item.SpeedMetersPerSecond is { } speed) xml.WriteElementString("speed", TrackPoint, Decimal(speed));
        if (item.HeadingDegrees is { } heading) xml.WriteElementString("course", TrackPoint, Decimal(heading));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
