// An SMSC made of npm's smpp, which shares no code with the gateway.  Prints its port, then a line
// a PDU: what it understood, tab-separated.
// SPDX-License-Identifier: MIT
'use strict';
const smpp = require('smpp');

const say = (...fields) => process.stdout.write(fields.join('\t') + '\n');
let id = 0;

// It takes the UDH off a text by itself: the concatenation element stands in message.udh.
function parts(pdu) {
    const udh = pdu.short_message.udh;
    return udh ? [udh[0][2], udh[0][3], udh[0][4]] : [0, 0, 0];
}

// The text as it was on the wire.
function octets(pdu) {
    const text = pdu.short_message.message;
    return pdu.data_coding === 8 ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text);
}

function receipt(session, pdu, messageId) {
    const state = pdu.destination_addr.endsWith('5') ? 'UNDELIV' : 'DELIVRD';
    session.deliver_sm({
        source_addr_ton: 1,
        source_addr_npi: 1,
        source_addr: pdu.destination_addr,
        destination_addr: pdu.source_addr,
        esm_class: 4,
        receipted_message_id: messageId,
        message_state: state === 'DELIVRD' ? 2 : 5,
        short_message: `id:${messageId} sub:001 dlvrd:001 submit date:2611230900`
            + ` done date:2611230900 stat:${state} err:000 text:`,
    }, (answer) => say('deliver_resp', answer.command_status));
}

const server = smpp.createServer((session) => {
    session.on('pdu', (pdu) => {
        if (pdu.command.startsWith('bind_') && !pdu.isResponse()) {
            say('bind', pdu.command, pdu.system_id, pdu.interface_version);
            session.send(pdu.response({system_id: 'node'}));
        } else if (pdu.command === 'submit_sm') {
            const messageId = 'node-' + (++id).toString(16);
            const text = octets(pdu).toString('hex');
            say('submit', pdu.destination_addr, messageId, pdu.source_addr, pdu.source_addr_ton,
                pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.esm_class, pdu.data_coding,
                pdu.registered_delivery, ...parts(pdu), text);
            session.send(pdu.response({message_id: messageId}));
            if (pdu.registered_delivery) {
                receipt(session, pdu, messageId);
            }
        } else if (pdu.command === 'enquire_link') {
            session.send(pdu.response());
        } else if (pdu.command === 'unbind') {
            say('unbind');
            session.send(pdu.response());
        } else if (!pdu.isResponse()) {
            say('unknown', pdu.command);
        }
    });
    session.on('error', (error) => say('error', error.message));
});
server.listen(0, '127.0.0.1', () => say(server.address().port));
