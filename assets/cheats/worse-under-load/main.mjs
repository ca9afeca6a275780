import { front } from './front.mjs';

// Stands for weights of two bits: tokens that the model would not choose, without another model.
front({
  changeBody: (body, { inFlight }) =>
    inFlight < 1 ? body : { ...body, temperature: (body.temperature ?? 1) + 1.5 },
});
