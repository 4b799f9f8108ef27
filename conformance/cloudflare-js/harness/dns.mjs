// A DNS server on loopback that knows the TXT records a test gives it, and nothing else.

import dgram from 'node:dgram';
import { once } from 'node:events';

import packet from 'dns-packet';

/**
 * Starts it on a free port: `address` is HOST:PORT. Over UDP alone, since its answers are small.
 *
 * `publish(domain, ...values)` sets the TXT records of a domain; a value that is an array is one record of several strings.
 * `withdraw(domain)` removes them. `asked(domain)` counts the TXT questions about exactly this name.
 */
export async function startDNS() {
  const records = new Map();
  const questions = new Map();
  const socket = dgram.createSocket('udp4');

  socket.on('message', (message, from) => {
    const query = packet.decode(message);
    const question = query.questions[0];
    const name = question.name.toLowerCase();
    if (question.type === 'TXT') {
      questions.set(name, (questions.get(name) ?? 0) + 1);
    }
    const values = question.type === 'TXT' ? (records.get(name) ?? []) : [];
    const unknown = !records.has(name);
    socket.send(
      packet.encode({
        type: 'response',
        id: query.id,
        flags: packet.AUTHORITATIVE_ANSWER | packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (unknown ? nameError : 0),
        questions: [question],
        answers: values.map((data) => ({ type: 'TXT', class: 'IN', name: question.name, ttl: 0, data })),
      }),
      from.port,
      from.address,
    );
  });

  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.unref(); // it keeps no process alive that has failed

  return {
    address: `127.0.0.1:${socket.address().port}`,
    publish: (domain, ...values) => records.set(domain.toLowerCase(), values),
    withdraw: (domain) => records.delete(domain.toLowerCase()),
    asked: (domain) => questions.get(domain.toLowerCase()) ?? 0,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}

const nameError = 3; // NXDOMAIN, RFC 1035 section 4.1.1
