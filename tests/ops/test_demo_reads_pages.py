"""What the demonstration's play reads off pages is what stands on them, however they are laid out."""

from weineng.accounts.models import Account, Grant
from weineng.kernel.ids import seal_id
from weineng.ops.demo.winter import _ROW


def test_the_play_reads_everybodys_account_off_the_page(world, client, sign_in):
    office = Grant.objects.get(person=world.office.person, role="office")
    sign_in(client, world.office, f"grant:{office.pk}")
    page = client.get(f"/accounts/at/{seal_id('organisations.unit', world.vocational)}/").content.decode()
    there = [one for one in world.everybody if one.school == world.vocational]
    names = dict(Account.objects.filter(person__in=[one.person for one in there]).values_list("person", "name"))
    assert dict(_ROW.findall(page)) == {one.name: names[one.person] for one in there}
