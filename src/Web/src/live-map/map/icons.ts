import { statuses, type LiveVehicle, type VehicleStatus } from '../../vehicles/vehicle';
import type { Palette } from './palette';

export const iconPixelRatio = 2;
const size = 28;
const casingWidth = 2;

export type IconName = 'arrow' | `dot-${VehicleStatus}`;

/** Shape says the state a second time: arrow, dot with ring, small dot, hollow dot. A moving vehicle of unknown direction is a dot. */
export function iconOf(vehicle: LiveVehicle, heading: number | null): IconName {
  return vehicle.status === 'moving' && heading !== null ? 'arrow' : `dot-${vehicle.status}`;
}

export function drawIcons(palette: Palette): ReadonlyMap<IconName, ImageData> {
  const icons = new Map<IconName, ImageData>();
  icons.set('arrow', draw((pen) => drawArrow(pen, palette)));
  for (const status of statuses) icons.set(`dot-${status}`, draw((pen) => drawDot(pen, status, palette)));
  return icons;
}

function draw(paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * iconPixelRatio;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (pen === null) throw new Error('This browser cannot draw on a canvas.');
  pen.scale(iconPixelRatio, iconPixelRatio);
  pen.translate(size / 2, size / 2);
  paint(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function drawArrow(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.beginPath();
  pen.moveTo(0, -10.5);
  pen.lineTo(7.5, 8.5);
  pen.lineTo(0, 5);
  pen.lineTo(-7.5, 8.5);
  pen.closePath();
  pen.lineJoin = 'round';
  pen.strokeStyle = palette.casing;
  pen.lineWidth = casingWidth * 2;
  pen.stroke();
  pen.fillStyle = palette.status.moving;
  pen.fill();
}

function drawDot(pen: CanvasRenderingContext2D, status: VehicleStatus, palette: Palette): void {
  const color = palette.status[status];
  if (status === 'moving') return disc(pen, 6, color, palette.casing);
  if (status === 'stopped') return disc(pen, 4.5, color, palette.casing);
  if (status === 'idling') {
    disc(pen, 9, color, palette.casing);
    disc(pen, 6.5, palette.casing);
    return disc(pen, 4.5, color);
  }
  disc(pen, 6.5, color, palette.casing);
  disc(pen, 4, palette.casing);
  if (status === 'unknown') disc(pen, 1.5, color);
}

function disc(pen: CanvasRenderingContext2D, radius: number, color: string, casing?: string): void {
  if (casing !== undefined) disc(pen, radius + casingWidth, casing);
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
}
