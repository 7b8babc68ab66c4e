// The agent's name: one NATS subject token that people can type.
import { z } from 'zod';

export const agentNamePattern = /^[a-z0-9-]{1,32}$/;

export const agentNameSchema = z
  .string()
  .regex(agentNamePattern, 'use 1 to 32 of the characters a-z, 0-9 and "-" (it becomes part of NATS subjects)');
