// Thrown inside the reading of a path whose meaning is not certain; it never leaves `normalPath`.

export class UnclearPath extends Error {
  override readonly name = 'UnclearPath';
}
