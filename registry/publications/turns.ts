/** Does pieces of work one after the other, in the order in which they come. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    // Whoever asked gets the failure; whoever is next does not.
    last = turn.catch(() => {});
    return turn;
  };
}
