import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic's committed records with Kafka's own client, to the end that it has at the start: `java ReadTopic.java BROKER TOPIC` prints a line `PARTITION OFFSET VALUE` of each, the value in base 64, or `-` where there is none, and `PARTITION end OFFSET` of each partition. */
class ReadTopic {
  public static void main(String[] argv) {
    var settings = Map.<String, Object>of(
        "bootstrap.servers", argv[0], "isolation.level", "read_committed",
        "enable.auto.commit", false, "auto.offset.reset", "none", "check.crcs", true);
    var out = new PrintStream(new BufferedOutputStream(System.out, 1 << 20));
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions = consumer.partitionsFor(argv[1]).stream()
          .map(each -> new TopicPartition(each.topic(), each.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          var value = record.value() == null ? "-" : Base64.getEncoder().encodeToString(record.value());
          out.println(record.partition() + " " + record.offset() + " " + value);
        }
      }
      ends.forEach((each, end) -> out.println(each.partition() + " end " + end));
    }
    out.flush();
  }
}
