/** Nothing can be shown without the configuration; a reload is the one thing to do. */
export function StartFailed({ reason }: { reason: string }) {
  return (
    <main className="page-center">
      <div className="card">
        <h1>FleetTracker cannot start</h1>
        <p role="alert">{reason}</p>
        <p className="quiet">Your fleet is still being recorded. Only this page is affected.</p>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>Try again</button>
      </div>
    </main>
  );
}
