/** Nothing can be shown without the configuration; a reload is the one thing to do. */
export function StartFailed({ reason }: { reason: string }) {
  return (
    <main className="page-center">
      <div className="card">
        <h1>FleetTracker cannot start</h1>
        <p role="alert">{reason}</p>
        <p className="quiet">Trackers do not depend on this page. It needs its configuration, and tries again when you ask it to.</p>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>Try again</button>
      </div>
    </main>
  );
}
