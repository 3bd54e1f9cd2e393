/** How many typing errors are forgiven in a word, by its length. */
export function forgivenErrors(word: string): number {
  if (word.length < 3) return 0;
  return word.length < 6 ? 1 : 2;
}

/** From this length on, a word may be the misspelt beginning of a longer one. */
const shortestBeginning = 4;

/**
 * The fewest insertions, deletions, replacements and swaps of neighbours (optimal string alignment) that make `typed` the
 * word, or a beginning of it.
 *
 * @returns a number above `most` as soon as it cannot be lower
 */
export function errorsBetween(typed: string, word: string, most: number): number {
  const asBeginning = typed.length >= shortestBeginning;
  const columns = typed.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: columns }, (_, column) => column);
  let best = asBeginning ? typed.length : most + 1;
  for (let row = 1; row <= word.length; row++) {
    const now = [row];
    let lowest = row;
    for (let column = 1; column < columns; column++) {
      const same = typed[column - 1] === word[row - 1];
      let errors = Math.min(
        (last[column] ?? row) + 1,
        (now[column - 1] ?? row) + 1,
        (last[column - 1] ?? row) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && typed[column - 1] === word[row - 2] && typed[column - 2] === word[row - 1];
      if (swapped) errors = Math.min(errors, (beforeLast[column - 2] ?? row) + 1);
      now.push(errors);
      lowest = Math.min(lowest, errors);
    }
    if (asBeginning || row === word.length) best = Math.min(best, now[columns - 1] ?? best);
    if (lowest > most) break;
    beforeLast = last;
    last = now;
  }
  return best;
}
