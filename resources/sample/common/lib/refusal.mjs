/** Something Sprig will not do, with a sentence for a person and an exit code. Anything else that is thrown is a fault. */
export class Refusal extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}
