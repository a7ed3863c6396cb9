#!/usr/bin/perl
# An SMSC that is not ours: Net::SMPP of CPAN.  Prints its port, accepts every message, sends a
# receipt for it, and writes a line a PDU: what it understood, tab-separated.
# SPDX-License-Identifier: MIT
use strict;
use warnings;
use Net::SMPP;

$| = 1;
$SIG{TERM} = sub { exit 0 };
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34)
    or die "cannot listen: $!";
print $listener->sockport, "\n";

my %binds = (1 => 'bind_receiver', 2 => 'bind_transmitter', 9 => 'bind_transceiver');
my $id = 0;

# What an SMSC makes of a UDH: length, one concatenation element.
sub parts {
    my ($pdu) = @_;
    return (0, 0, 0, $pdu->{short_message}) unless $pdu->{esm_class} & 0x40;
    my ($length, undef, undef, $ref, $total, $part) = unpack 'C6', $pdu->{short_message};
    return ($ref, $total, $part, substr $pdu->{short_message}, $length + 1);
}

sub on_submit {
    my ($esme, $pdu) = @_;
    my ($ref, $total, $part, $text) = parts($pdu);
    my $message_id = sprintf 'perl-%08x', ++$id;
    print join("\t", 'submit', $pdu->{destination_addr}, $message_id, $pdu->{source_addr},
        $pdu->{source_addr_ton}, $pdu->{dest_addr_ton}, $pdu->{dest_addr_npi}, $pdu->{esm_class},
        $pdu->{data_coding}, $pdu->{registered_delivery}, $ref, $total, $part,
        unpack('H*', $text)), "\n";
    $esme->submit_sm_resp(message_id => $message_id, seq => $pdu->{seq});
    return unless $pdu->{registered_delivery};
    my $state = $pdu->{destination_addr} =~ /5$/ ? 'UNDELIV' : 'DELIVRD';
    $esme->deliver_sm(
        async            => 1,
        source_addr_ton  => 1,
        source_addr_npi  => 1,
        source_addr      => $pdu->{destination_addr},
        destination_addr => $pdu->{source_addr},
        esm_class        => 0x04,
        short_message    => "id:$message_id sub:001 dlvrd:001 submit date:2611230900"
            . " done date:2611230900 stat:$state err:000 text:",
    );
}

sub serve {
    my ($esme) = @_;
    while (my $pdu = $esme->read_pdu) {
        my $command = $pdu->{cmd};
        if (my $bind = $binds{$command}) {
            print join("\t", 'bind', $bind, $pdu->{system_id}, $pdu->{interface_version}), "\n";
            my $answer = "${bind}_resp";
            $esme->$answer(system_id => 'perl', seq => $pdu->{seq});
        } elsif ($command == Net::SMPP::CMD_submit_sm) {
            on_submit($esme, $pdu);
        } elsif ($command == Net::SMPP::CMD_enquire_link) {
            $esme->enquire_link_resp(seq => $pdu->{seq});
        } elsif ($command == Net::SMPP::CMD_unbind) {
            print "unbind\n";
            $esme->unbind_resp(seq => $pdu->{seq});
        } elsif ($command == Net::SMPP::CMD_deliver_sm_resp) {
            print join("\t", 'deliver_resp', $pdu->{status}), "\n";
        } else {
            printf "unknown\t0x%08x\n", $command;
        }
    }
}

while (my $esme = $listener->accept) {
    serve($esme);
}
