import { Minus, PanelLeftOpen, Plus, Scan } from 'lucide-react';

interface MapControlsProps {
  readonly onZoom: (steps: number) => void;
  readonly onFit: () => void;
}

export function MapControls({ onZoom, onFit }: MapControlsProps) {
  return (
    <div className="map-controls" role="group" aria-label="Map view">
      <button type="button" className="icon-button" aria-label="Zoom in" title="Zoom in" onClick={() => onZoom(1)}><Plus aria-hidden /></button>
      <button type="button" className="icon-button" aria-label="Zoom out" title="Zoom out" onClick={() => onZoom(-1)}><Minus aria-hidden /></button>
      <button type="button" className="icon-button" aria-label="Show all in view" title="Show all in view" onClick={onFit}><Scan aria-hidden /></button>
    </div>
  );
}

export function UnfoldButton({ onUnfold }: { onUnfold: () => void }) {
  return (
    <button type="button" className="icon-button unfold" aria-label="Show the fleet panel" title="Show the fleet panel" onClick={onUnfold}>
      <PanelLeftOpen aria-hidden />
    </button>
  );
}
