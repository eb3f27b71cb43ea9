/** What the service answers with when it does not do what it is asked to, as its client throws it. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: name === 'InternalServiceError' ? 500 : 400 };
  }
}

export function notFound(what = 'the specified secret'): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Secrets Manager can't find ${what}.`);
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}

export function exists(message: string): ServiceError {
  return new ServiceError('ResourceExistsException', message);
}

/** It never quotes the value here; the service may. */
export function validation(field: string, constraint: string): ServiceError {
  return new ServiceError('ValidationException', `Value at '${field}' failed to satisfy constraint: ${constraint}`);
}

export function isDeleted(): ServiceError {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}
