import { customType, timestamp } from 'drizzle-orm/pg-core';

/** A moment, to the millisecond: all that JavaScript keeps of one. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const bytes = customType<{ data: Buffer; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (value) => Buffer.from(value),
});
