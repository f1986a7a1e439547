// Package tlsfeat makes the features of TLS sessions out of captures: 146 numbers for each packet, in the layout of a
// published experiment (llmhyy/tls_attack), which Features describes.
//
// It takes the packets of package capture and gives sessions: TCP connections, told apart in mixed captures, in which TLS
// records were found, with a row of features for each packet (Extractor); or session files, as package seq reads them, out
// of capture files (Extract, SessionFiles). Whatever is no TLS is counted and left out. No key is needed and nothing is
// decrypted.
//
//	packets ──segments in order──▶ bytes ──▶ records ──▶ handshake messages ──▶ the row of the packet that completed them
//
// Segments that come twice count once and those that come late are waited for; a record or message that spans packets
// stands in the packet that completes it, and where several are completed by one their lengths add up. What the capture
// missed is gone past, when the other side has acknowledged it or the connection ends, and reading goes on at the next segment
// that begins with a record. SSL 2.0 to TLS 1.3 are read; the
// layout has no column for TLS 1.3, whose records call themselves TLS 1.2, and of which only the hellos are in the clear.
//
// TLS may begin after plaintext: by a command (STARTTLS of SMTP, IMAP, POP3, FTP, LDAP, XMPP and others, PostgreSQL's and
// MySQL's request) or through a proxy (HTTP CONNECT, SOCKS). The session begins with the first record, and Session.Before
// says what went before. The first 64 KB of each direction are looked at.
//
// Beyond faults (certificate lengths of digits, signature algorithms that were always 0) it differs from the original in
// two points: the direction is told by who opened the connection, where the original asked whether the destination's
// address is a private one, and the interval counts from the packet of the same connection.
package tlsfeat
