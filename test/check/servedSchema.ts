import { assertGuarded } from '@sallyport/guards';
import definition from '../../sallyport.config.ts';
import { service } from '../../src/commands/service.ts';

// Fails when a field of the schema that is served does not have the guards of its directives.
const { schema } = await service(async () => definition);
assertGuarded(schema);
